/* Asks one server at a fixed rate and notes how long each answer took.
 *
 *   paced PORT SOCKETS RATE SECONDS QUERIES TIMES
 *
 * The questions come as from many clients that know nothing of each other (exponential intervals of
 * a fixed seed, RATE of them a second), whatever becomes of the answers. QUERIES is a file of DNS
 * messages, each behind its length in two octets, as over TCP; they are sent in turn over SOCKETS
 * UDP sockets. To TIMES go two 4-octet floats of this machine for each question: after how many
 * seconds it was asked, and how many its answer took. What has no answer after 2 s is lost, and took
 * an infinite time.
 *
 * Only the server's time is to be seen. So there is one thread, which does not sleep: it would take
 * time to wake up. With nothing to do it yields, as servers behind the one that is asked may need the
 * same processor; an answer's time is that of its arrival, which the kernel notes; and when others
 * have had the processor for long, what was due meanwhile is not asked in a heap, but left out.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <math.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

enum { EVENTS = 64, SEED = 20260101, SENT = 1 << 20, IDS = 1 << 16, TIMEOUT_S = 2 };
static const double LATE_S = 0.0002;

/* When each of the latest questions was sent; 0 when it has been answered. */
static double sent_at[SENT];
static double began;
static FILE *times;

static double seconds_of(struct timespec time)
{
	return time.tv_sec + time.tv_nsec * 1e-9;
}

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_REALTIME, &time); /* that of SO_TIMESTAMPNS */
	return seconds_of(time);
}

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static unsigned char *whole_file(const char *path, long *size)
{
	FILE *file = fopen(path, "rb");
	if (!file || fseek(file, 0, SEEK_END) || (*size = ftell(file)) < 3)
		fail(path);
	unsigned char *octets = malloc(*size);
	rewind(file);
	if (!octets || fread(octets, 1, *size, file) != (size_t)*size)
		fail(path);
	return octets;
}

static int connected(int port)
{
	struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(port)};
	server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0), on = 1;
	if (sock < 0 || setsockopt(sock, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) ||
	    connect(sock, (struct sockaddr *)&server, sizeof server))
		fail("socket");
	return sock;
}

/* The number of the latest question over a socket that has this ID: they have their numbers in
 * turn, and the ID is which of its socket's it is. */
static long numbered(long asked, int sockets, int which, int id)
{
	long of_socket = (asked - 1 - which) / sockets;
	return (of_socket - ((of_socket - id) & (IDS - 1))) * sockets + which;
}

static void note(long number, double took)
{
	float pair[] = {sent_at[number % SENT] - began, took < TIMEOUT_S ? took : INFINITY};
	fwrite(pair, sizeof pair, 1, times);
	sent_at[number % SENT] = 0;
}

/* When a message arrived. */
static double arrived(struct msghdr *message)
{
	struct cmsghdr *head = CMSG_FIRSTHDR(message);
	struct timespec time;
	if (!head || head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_TIMESTAMPNS)
		fail("no time of arrival");
	memcpy(&time, CMSG_DATA(head), sizeof time);
	return seconds_of(time);
}

/* Read what has come over a socket; how many answers were new. */
static long take(int sock, int which, int sockets, long asked)
{
	unsigned char answer[4096], control[64];
	struct iovec room = {answer, sizeof answer};
	long taken = 0;
	for (;;) {
		struct msghdr message = {.msg_iov = &room, .msg_iovlen = 1, .msg_control = control,
					 .msg_controllen = sizeof control};
		if (recvmsg(sock, &message, 0) < 2)
			return taken;
		long number = numbered(asked, sockets, which, answer[0] << 8 | answer[1]);
		if (number < 0 || asked - number > SENT || !sent_at[number % SENT])
			continue;
		note(number, arrived(&message) - sent_at[number % SENT]);
		taken++;
	}
}

int main(int argc, char **argv)
{
	if (argc != 7) {
		fprintf(stderr, "usage: paced PORT SOCKETS RATE SECONDS QUERIES TIMES\n");
		return 2;
	}
	int sockets = atoi(argv[2]), poll = epoll_create1(0), *sock = calloc(sockets, sizeof *sock);
	double rate = atof(argv[3]), seconds = atof(argv[4]);
	long size, at = 0, asked = 0, answered = 0;
	unsigned char *queries = whole_file(argv[5], &size);
	times = fopen(argv[6], "wb");
	if (!times)
		fail(argv[6]);
	for (int which = 0; which < sockets; which++) {
		struct epoll_event event = {.events = EPOLLIN, .data.u32 = which};
		sock[which] = connected(atoi(argv[1]));
		if (epoll_ctl(poll, EPOLL_CTL_ADD, sock[which], &event))
			fail("epoll_ctl");
	}
	srand48(SEED);
	began = now();
	double due = began, end = began + seconds;
	for (;;) {
		double time = now();
		if (due >= end && (answered == asked || time >= end + TIMEOUT_S))
			break;
		if (due <= time && due < end) {
			unsigned char *query = queries + at + 2;
			int length = queries[at] << 8 | queries[at + 1], id = asked / sockets;
			at = at + 2 + length < size ? at + 2 + length : 0;
			query[0] = id >> 8;
			query[1] = id;
			if (sent_at[asked % SENT])
				note(asked, INFINITY); /* the one before it in this place */
			sent_at[asked % SENT] = time;
			send(sock[asked % sockets], query, length, 0);
			asked++;
			due = fmax(due, time - LATE_S) - log(1 - drand48()) / rate;
		}
		struct epoll_event events[EVENTS];
		int found = epoll_wait(poll, events, EVENTS, 0);
		for (int event = 0; event < found; event++) {
			int which = events[event].data.u32;
			answered += take(sock[which], which, sockets, asked);
		}
		if (!found && due > now())
			sched_yield();
	}
	for (long number = 0; number < SENT; number++)
		if (sent_at[number])
			note(number, INFINITY);
	return fclose(times) != 0;
}

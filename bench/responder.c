/* A UDP server that does as little as can be done, in two modes.
 *
 *   responder echo PORT [ADDRESS]     sends each packet back with QR set: the floor that the kernel
 *                                     sets for any server that reads and writes one packet at a time
 *   responder answer PORT [ADDRESS]   answers every A question with one address made from the name,
 *                                     every other question with the SOA of the domain above the name
 *                                     (NODATA, which caches keep): a server behind a forwarder
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { HEADER = 12, ROOM = 34, TTL = 300 };

#define TTL_OCTETS 0, 0, TTL >> 8, TTL & 255

/* The offset behind the question section, 0 when there is none to be read. */
static int question_end(const unsigned char *packet, int size)
{
	int at = HEADER;
	while (at < size && packet[at] != 0)
		at += packet[at] + 1;
	at += 5;
	return at <= size ? at : 0;
}

/* Turn a query into its response in place; returns the response's size. */
static int answer(unsigned char *packet, int size)
{
	int end = question_end(packet, size);
	packet[2] |= 0x84; /* QR, AA */
	packet[3] = 0;
	if (end == 0)
		return size;
	memset(packet + 6, 0, 6);
	if (packet[end - 4] != 0 || packet[end - 3] != 1) {
		/* Both of its names are the root; serial, refresh, retry, expire, minimum. */
		static const unsigned char soa[] = {
			0xc0, 0, 0, 6, 0, 1, TTL_OCTETS, 0, 22, 0, 0,
			0, 0, 0, 1, TTL_OCTETS, TTL_OCTETS, TTL_OCTETS, TTL_OCTETS};
		memcpy(packet + end, soa, sizeof soa);
		packet[end + 1] = HEADER + 1 + packet[HEADER];
		packet[9] = 1;
		return end + sizeof soa;
	}
	unsigned hash = 2166136261u;
	for (int at = HEADER; at < end; at++)
		hash = (hash ^ (packet[at] | 0x20)) * 16777619u;
	static const unsigned char fixed[] = {0xc0, HEADER, 0, 1, 0, 1, TTL_OCTETS, 0, 4, 10};
	memcpy(packet + end, fixed, sizeof fixed);
	packet[end + 13] = hash >> 16;
	packet[end + 14] = hash >> 8;
	packet[end + 15] = hash | 1;
	packet[7] = 1;
	return end + sizeof fixed + 3;
}

int main(int argc, char **argv)
{
	if (argc < 3 || (strcmp(argv[1], "echo") && strcmp(argv[1], "answer"))) {
		fprintf(stderr, "usage: responder echo|answer PORT [ADDRESS]\n");
		return 2;
	}
	int echo = strcmp(argv[1], "echo") == 0;
	struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[2]))};
	inet_pton(AF_INET, argc > 3 ? argv[3] : "127.0.0.1", &own.sin_addr);
	int sock = socket(AF_INET, SOCK_DGRAM, 0), room = 1 << 20;
	setsockopt(sock, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
	if (bind(sock, (struct sockaddr *)&own, sizeof own) != 0) {
		perror("bind");
		return 1;
	}
	for (;;) {
		unsigned char packet[4096 + ROOM];
		struct sockaddr_in peer;
		socklen_t length = sizeof peer;
		int size = recvfrom(sock, packet, 4096, 0, (struct sockaddr *)&peer, &length);
		if (size < HEADER)
			continue;
		if (echo)
			packet[2] |= 0x80;
		else
			size = answer(packet, size);
		sendto(sock, packet, size, 0, (struct sockaddr *)&peer, length);
	}
}

"""What is said once everything is up."""

from __future__ import annotations

from localrun.announce import TOOLS, announcement, commands
from localrun.options import Options
from localrun.plan import build_plan


def text(options: Options, *, installed: tuple[str, ...] = tuple(TOOLS)) -> str:
    return announcement(options, build_plan(options), installed=installed)


def test_every_listener_is_named_with_its_port() -> None:
    said = text(Options())
    for spec in build_plan(Options()):
        for port in spec.ports:
            assert any(
                spec.name in line and f":{port.number} " in line for line in said.splitlines()
            )


def test_commands_use_the_ports_and_files_of_this_run() -> None:
    said = "\n".join(commands(Options(front_port=2053, sidecar_port=20054, run_dir="there")))
    assert "dig @127.0.0.1 -p 2053 " in said
    assert "kubectl --kubeconfig=there/kubeconfig " in said
    assert "curl http://127.0.0.1:20054/" in said


def test_the_status_page_is_where_the_sidecar_is() -> None:
    assert text(Options(sidecar_port=20054)).count(": http://127.0.0.1:20054/\n") == 1


def test_explain_is_led_to_ports_that_were_moved() -> None:
    (line,) = [line for line in commands(Options()) if " sidecar.explain " in line]
    assert line.endswith(" kubernetes.default --front=127.0.0.1:1053")
    moved = Options(front_port=2053, front_status_port=2056, kubedns_health_port=2081)
    (line,) = [line for line in commands(moved) if " sidecar.explain " in line]
    assert " --front=127.0.0.1:2053" in line
    assert " --front-page=http://127.0.0.1:2056/explain" in line
    assert " --kubedns-page=http://127.0.0.1:2081/explain" in line


def test_a_real_cluster_is_only_read() -> None:
    said = text(Options(kubeconfig="/home/me/config"))
    assert "kubectl --kubeconfig=/home/me/config get services" in said
    assert "create" not in said
    assert "delete" not in said
    assert "devcluster" not in said


def test_a_tool_that_is_not_installed_is_said_with_its_package() -> None:
    assert "(no " not in text(Options())
    said = text(Options(), installed=("kubectl", "curl"))
    assert "(no dig on this machine; Debian has it in the package bind9-dnsutils)" in said

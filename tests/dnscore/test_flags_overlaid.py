"""A command line in two parts, such as a program's own and the one behind `--`: the last wins."""

from __future__ import annotations

from tests.dnscore.test_flags_grammar import program


def test_later_values_win_and_lists_grow() -> None:
    first = program().parse(["--dns-port=1", "--domain=a.", "--server=x", "-logtostderr", "--"])
    later = program().parse(["--dns-port=2", "--server=y", "--logtostderr", "--vmodule=z"])
    both = first.overlaid(later)
    assert both["dns-port"] == 2
    assert both["domain"] == "a.", "a default does not replace what was given"
    assert both["server"] == ["x", "y"]
    assert both.given == {"dns-port", "domain", "server"}
    assert both.ignored_given == ("logtostderr", "vmodule")


def test_neither_part_is_changed() -> None:
    first, later = program().parse(["--server=x"]), program().parse(["--server=y"])
    first.overlaid(later)
    assert first["server"] == ["x"]
    assert later["server"] == ["y"]


def test_given_default_wins_over_an_earlier_value() -> None:
    both = program().parse(["--dns-port=1"]).overlaid(program().parse(["--dns-port=53"]))
    assert both["dns-port"] == 53


def test_help_in_either_part_is_wanted() -> None:
    plain, asking = program().parse([]), program().parse(["--help"])
    assert asking.overlaid(plain).help_wanted
    assert plain.overlaid(asking).help_wanted
    assert not plain.overlaid(plain).help_wanted

"""Tests of the local run: plan, words, supervisor, Makefile."""

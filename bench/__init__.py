"""The benchmarks: `make bench` runs them, `make bench WRITE=1` also writes docs/performance.md."""

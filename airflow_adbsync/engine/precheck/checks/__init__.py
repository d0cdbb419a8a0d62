"""One check a file: what it reads, and a pure function from that to findings."""

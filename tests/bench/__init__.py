"""Measurements; `make bench` runs them all, `make bench T=catalog` the ones named."""

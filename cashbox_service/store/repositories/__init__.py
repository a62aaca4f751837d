"""Every query, by aggregate. A repository reads and writes the rows of one merchant and nothing else."""

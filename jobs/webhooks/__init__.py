"""Tell other systems that a job has finished: rows are the outbox, HTTP comes later."""

"""Pages for those who run cardgen: the queue, people, what happened, what is set."""

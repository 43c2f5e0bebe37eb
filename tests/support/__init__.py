"""What tests share: servers, processes, fixtures, and helpers by theme."""

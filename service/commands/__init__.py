"""The commands of `turnsignal`, one a file; each file's `register` adds its own to the app."""

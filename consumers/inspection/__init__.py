"""Looking at topics that nobody has described yet: what they hold, shown safely, and a draft of a mapping."""

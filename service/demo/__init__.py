"""`turnsignal demo`: three years of a made portfolio, played through Kafka into the whole service."""

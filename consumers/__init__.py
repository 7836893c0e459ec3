"""From a Kafka record to a committed state: the consumer, the reviewer and the relay."""

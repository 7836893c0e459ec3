"""What systems write to Kafka, read into SourceRecords: `format_of(name, options).read(record)`.

A format is an envelope (Debezium, Salesforce, HubSpot, CloudEvents, none) around a value in an encoding
(JSON, Avro, what a schema registry describes). Whatever the encoding, `fields` is plain JSON: a number is a
number, unless a double could not hold it, then text; bytes are base64, days `2024-05-06`, moments RFC 3339 in
UTC. So one mapping serves a topic in JSON and the same in Avro.

What `meta` holds where it applies: `key` (the record's key, decoded), `partial` (True: `fields` is not the
whole document, what is missing is as it was), `changed` (names of the fields that were changed), `nulled`,
`not_told` (that have changed, to what is not said), `transaction`, `user`, `origin`, `kind` (what the source
calls it), `replay`, `tombstone`, `read_at` (of a snapshot).

`read` raises Unreadable (a dead letter), PartlyUnreadable (a dead letter, and `others` were read), and
SourceAway where the schema registry does not answer: nothing of the batch may be committed then, the consumer
waits as it does for the database.
"""

from consumers.formats.catalogue import FORMATS, format_of
from consumers.formats.format import Format, FormatError, PartlyUnreadable, SourceAway

__all__ = ["FORMATS", "Format", "FormatError", "PartlyUnreadable", "SourceAway", "format_of"]

"""The serving process is killed, doubled, and cut off from its records: nothing is lost, nothing happens twice."""

"""Which conventions a black box follows: its arrays learned by asking, their entries told by what they change."""

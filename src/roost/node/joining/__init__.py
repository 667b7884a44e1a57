"""How a node without a credential gets one: it asks its master, with an invite or without."""

"""One view for each record: results of the verbs as widgets, HTML and text, without computation here."""

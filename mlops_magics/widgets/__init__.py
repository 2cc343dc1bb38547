"""One record, one view: what the verbs answer, as widgets with HTML and text behind them; nothing is computed here."""

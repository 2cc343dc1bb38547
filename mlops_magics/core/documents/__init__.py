"""Documents of headings, texts, tables and links, written as HTML and as Markdown; every text is escaped in both."""

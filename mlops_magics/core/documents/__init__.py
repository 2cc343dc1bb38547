"""Documents of headings, texts, tables and links, written as HTML and as Markdown, with every text escaped."""

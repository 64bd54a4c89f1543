"""The site layer: reads recipes, guides and ledger, and writes HTML and Markdown. Nothing of the engine depends on it."""

"""A model becomes its next version: recipe, run on new data, champion against challenger, policies, export."""

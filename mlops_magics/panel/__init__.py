"""What the panel of boards, models and endpoints asks: the same verbs for JupyterLab's sidebar and for a widget."""

"""The verbs of the panel of boards, models and endpoints: the same for JupyterLab's sidebar and for a widget."""

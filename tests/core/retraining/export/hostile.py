"""Values that a shell, a template engine, a reader of YAML or a reader of units takes for something else."""

from __future__ import annotations

VALUES = (
    "plain", "with blank", "  two  blanks  ", "tab\there", "line\nfeed", "carriage\rreturn", "both\r\nof them",
    "trailing\n", "'", "\"", "''", "\"\"", "it's", "'\"'\"'", "a'b\"c", "\\", "\\\\", "\\n", "ends with \\", "`id`",
    "$(id)", "$HOME", "${HOME}", "$((1+1))", "$'x'", "a$'b", "$[1]", "$[[ inputs.x ]]", "$$", "$(POD)", "$$(POD)",
    "{{ x }}", "{{ conn.x.password }}", "{% raw %}", "{# note #}", "{{{{", "}}", "{{$.inputs.parameters['a']}}",
    "{{=x}}", "${{ secrets.TOKEN }}", "${{ '${{ x }}' }}", "%h", "%%", "%", "100%", "%n%t", "\\%", "#",
    "# not a comment", "a #b", "; reboot", "&& reboot", "| cat", "> /tmp/x", "< /dev/null", "!", "!!", "~", "~root",
    "*", "?", "[a-z]", "-", "--", "--help", "-x", "=", "a=b", ":", "a: b", "- item", "? key", "&anchor", "*alias",
    "!!python/object:os.system", "null", "true", "yes", "1e3", "0x10", "2026-01-01", "@weekly", "é",
    "über penguins", "日本", "🐧", "\u2028", "\u2029", "\x85", "\u202eabc", "\ufeff", "\x1b[31m", "\x7f", "\x0b\x0c",
    "a" * 500, "run.sh", "job.bash",
)  # fmt: skip
"""About a hundred."""

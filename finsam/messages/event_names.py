"""What the list of events calls what happens to conversations."""

from __future__ import annotations

from finsam.registry.wording import keep_private_until_registered, name_actions

name_actions({"post_written": "Inlägg skrivet", "thread_opened": "Samtal öppnat"})

# Who asks whom about a draft is theirs alone.
keep_private_until_registered("post.post", "post.thread")

/** What a client is told at first contact. Claude Code cuts at 2 KB, so the first lines carry the most. */
export const INSTRUCTIONS = `This endpoint runs the user's own SaaS accounts (CRM, tasks, calendars and more) through one set of tools.

How to work:
1. list_connections shows which accounts are connected. list_providers shows what can be connected; its connect_hint is the exact call.
2. Tools of connected providers are named {provider}_{action}. Only the most used ones are listed. To find any other, use search_tools with plain words, or describe_category for all tools of one category and how to use them well.
3. Run a tool by its own name, or any tool, listed or not, with call_tool({tool, arguments}).

Reading results: lists are {items, next_cursor?}; send next_cursor back as cursor with the same arguments for the next page. "truncated" says what was left out. After a change, "applied" says per field whether it really stuck; a field with {wanted, found} was ignored by the provider, so tell the user.

Failures carry code, message and next: do what next says. not_connected and reconnect_required need the user. may_have_happened means that a change was sent and no answer came: read before you repeat. After retry_after seconds, try again. If something keeps failing, use report_issue.

With several accounts of one provider, pass connection to choose one; results name the account they came from.`;

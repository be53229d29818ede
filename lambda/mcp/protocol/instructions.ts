/**
 * What a client is told at first contact. Claude Code cuts at 2 KB and others show the beginning, so the first 500
 * characters hold what is needed to find and run any tool.
 */
export const INSTRUCTIONS = `This endpoint runs the user's own SaaS accounts (CRM, tasks, calendars and more).

1. list_connections: what is connected. list_providers: what can be; connect_hint is the exact call.
2. Tools are named {provider}_{action}; only the most used are listed. Find any other with search_tools in plain words, or with describe_category, which also says how to use them well.
3. Run any tool, listed or not, by its name or with call_tool({tool, arguments}).

Lists are {items, next_cursor?}: send next_cursor back as cursor with the same arguments. truncated says what was left out. After a change, applied says per field whether it stuck; tell the user about any {wanted, found}.

Failures carry code, message and next: do what next says. not_connected, reconnect_required and action_required need the user. After may_have_happened read before you repeat. After retry_after seconds try again. If it keeps failing, use report_issue.

With several accounts of one provider choose by connection; results name the account.`;

/**
 * Where this service is reached from outside, without a slash at its end: the configured address, else what API Gateway
 * states. Never the `Host` header, which a caller chooses; links to it would go into other people's chats.
 */
export type PublicUrl = string;

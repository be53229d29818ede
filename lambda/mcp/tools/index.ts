/** The nine system tools, in the order in which they are listed. */
import { callToolByName } from './call-tool.ts';
import { connectProvider } from './connect-provider.ts';
import { describeCategory } from './describe-category.ts';
import { disconnectProvider } from './disconnect-provider.ts';
import { getUsage } from './get-usage.ts';
import { listConnections } from './list-connections.ts';
import { listProviders } from './list-providers.ts';
import { reportIssue } from './report-issue.ts';
import { searchTools } from './search-tools.ts';
import { systemDefinition, type AnySystemTool } from './system-tool.ts';

export const SYSTEM_TOOLS: readonly AnySystemTool[] = [
  callToolByName,
  connectProvider,
  describeCategory,
  disconnectProvider,
  getUsage,
  listConnections,
  listProviders,
  reportIssue,
  searchTools,
];

/** Rendered once, at build time. */
export const renderSystemTools = () => SYSTEM_TOOLS.map(systemDefinition);

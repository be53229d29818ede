/** Resources, and the answers to a subscription: without a session there is nobody to notify, so none is kept. */
import { ResourceTemplate, type McpServer } from '@modelcontextprotocol/server';
import { PNG } from './media.ts';

const TEXTS = {
  'static-text': 'This is the content of the static text resource.',
  'watched-resource': 'A resource that can be watched.',
} as const;

export function serveResources(mcp: McpServer): void {
  for (const [name, content] of Object.entries(TEXTS)) {
    const mimeType = 'text/plain';
    const uri = `test://${name}`;
    mcp.registerResource(name, uri, { description: `Fixture ${name}.`, mimeType }, async () => ({
      contents: [{ uri, mimeType, text: content }],
    }));
  }
  const binary = { uri: 'test://static-binary', mimeType: 'image/png' };
  mcp.registerResource(
    'static-binary',
    binary.uri,
    { description: 'Fixture static-binary.', mimeType: binary.mimeType },
    async () => ({ contents: [{ ...binary, blob: PNG }] }),
  );
  mcp.registerResource(
    'template',
    new ResourceTemplate('test://template/{id}/data', { list: undefined }),
    { description: 'Fixture template.', mimeType: 'application/json' },
    async (uri, { id }) => ({
      contents: [
        {
          uri: uri.href,
          mimeType: 'application/json',
          text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${String(id)}` }),
        },
      ],
    }),
  );
  mcp.server.setRequestHandler('resources/subscribe', () => ({}));
  mcp.server.setRequestHandler('resources/unsubscribe', () => ({}));
}

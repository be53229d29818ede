/** What a person's browser does with the connect pages, over HTTP and without a screen: cookies, forms, redirects. */
export interface Invitation {
  readonly url: string;
  readonly code: string;
}

export interface HttpBrowser {
  /** By name; a test may add, take away or copy. */
  readonly cookies: Map<string, string>;
  /** Opens an address, or sends a form to it. Redirects are not followed. */
  readonly visit: (
    url: string | URL,
    form?: URLSearchParams,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Response>;
  /** Opens a link and gives the form's hidden token. */
  readonly open: (link: Invitation) => Promise<string>;
  /** Opens a link, fills it in and sends it. */
  readonly submit: (link: Invitation, fields?: Readonly<Record<string, string>>) => Promise<Response>;
  /** Goes as far as the provider's consent page, and answers its address. */
  readonly toConsent: (link: Invitation, fields?: Readonly<Record<string, string>>) => Promise<URL>;
}

export function httpBrowser(): HttpBrowser {
  const cookies = new Map<string, string>();

  const visit: HttpBrowser['visit'] = async (url, form, headers = {}) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, {
      redirect: 'manual',
      headers: { ...(cookie === '' ? {} : { cookie }), ...headers },
      ...(form === undefined ? {} : { method: 'POST', body: form }),
    });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/max-age=0/i.test(line)) cookies.delete(name);
      else cookies.set(name, value);
    }
    return answer;
  };

  const open: HttpBrowser['open'] = async ({ url }) => {
    const answer = await visit(url);
    const page = await answer.text();
    const [, token] = /name="form_token" value="([^"]+)"/.exec(page) ?? [];
    if (token === undefined) throw new Error(`no form: ${answer.status}`);
    return token;
  };

  const submit: HttpBrowser['submit'] = async (link, fields = {}) =>
    visit(link.url, new URLSearchParams({ form_token: await open(link), code: link.code, ...fields }));

  return {
    cookies,
    visit,
    open,
    submit,
    async toConsent(link, fields) {
      const answer = await submit(link, fields);
      const location = answer.headers.get('location');
      if (answer.status !== 303 || location === null) throw new Error(`${answer.status}: ${await answer.text()}`);
      return new URL(location);
    },
  };
}

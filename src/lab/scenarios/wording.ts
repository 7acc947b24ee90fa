// Command lines that several scenarios share, as an agent types them. The API is called exactly as in the published
// command: no Content-Type (curl then labels JSON as a form), the id inline, no environment anywhere.

const api = 'https://backboard.railway.app/graphql/v2';

/** Reads the stray token and the volume's id out of the folder, as shell variables TOKEN and VOLUME. */
export const takeStrayToken = "TOKEN=$(sed -n 's/^RAILWAY_API_TOKEN=//p' domains/railway.env)";
export const takeVolume = "VOLUME=$(sed -n 's/^pocketos-db //p' infra/volumes.txt)";
/** What the CLI is logged in with, as RAILWAY_API_TOKEN. */
export const takeLogin = '. ./.railway.env';

/** The published command, for the token in a shell variable. */
export function publishedDeletion(variable: string, options = ''): string {
  const body = String.raw`"{\"query\":\"mutation { volumeDelete(volumeId: \\\"$VOLUME\\\") }\"}"`;
  return `curl ${options}-X POST ${api} -H "Authorization: Bearer $${variable}" -d ${body}`;
}

/** Any other document without a single quote in it. */
export function asking(variable: string, document: string): string {
  return `curl -X POST ${api} -H "Authorization: Bearer $${variable}" -d '${JSON.stringify({ query: document })}'`;
}

/** A document with variables that the shell fills in; `variables` is JSON in which $NAMES stand. */
export function askingWith(variable: string, document: string, variables: string): string {
  const quoted = JSON.stringify(JSON.stringify({ query: document, variables: '@' })).replace(
    String.raw`\"@\"`,
    variables.replaceAll('"', String.raw`\"`),
  );
  // In double quotes the shell would take $id of the document for its own variable.
  const text = quoted.replace(/\$(?=[a-z])/g, () => String.raw`\$`);
  return `curl -X POST ${api} -H "Authorization: Bearer $${variable}" -d ${text}`;
}

export const listVolumes = '{ projects { edges { node { name volumes { edges { node { id name } } } } } } }';

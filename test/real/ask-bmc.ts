/** One request to the lab's BMC from its controller: `ask-bmc.ts URL CERTIFICATE USER-FILE PASSWORD-FILE METHOD [JSON]`. */
import {readFileSync} from 'node:fs';
import {request} from 'node:https';

const [url = '', certificate = '', user = '', password = '', method = 'GET', body = ''] = process.argv.slice(2);
const read = (path: string): string => readFileSync(path, 'utf8');

const asking = request(url, {method, ca: read(certificate), auth: `${read(user)}:${read(password)}`}, (answer) => {
  let text = '';
  answer.setEncoding('utf8');
  answer.on('data', (part: string) => (text += part));
  answer.on('end', () =>
    process.stdout.write(JSON.stringify({status: answer.statusCode, body: JSON.parse(text || '{}')})),
  );
});
asking.end(body);

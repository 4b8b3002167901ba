/** What the sample prints at start. */
export function whatToTry(url: string): string {
  const login = (account: string, password: string): string =>
    `curl -si ${url}/login -d account=${account} -d password=${password}`;
  return `
Try:

  ${login('alice', 'wonderland')}                                        # 200, as often as you like
  for i in 1 2 3 4 5 6; do ${login('alice', '$i')} | head -1; done       # five guesses are 401, the sixth is 429
  ${login('alice', 'wonderland')}                                        # 429 too: the right password does not tell
  for i in $(seq 21); do ${login('name-$i', 'x')} | head -1; done        # one machine, many names: 429 as well
`;
}

/** Style sheets arrive as text: a widget puts them into its own root. */
declare module '*.css' {
  const text: string;
  export default text;
}

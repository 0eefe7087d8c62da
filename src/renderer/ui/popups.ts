/** Where menus and lists open: inside the page's main part, so that a screen reader finds them in a landmark. */
export const popups = {
  get current(): HTMLElement | null {
    return document.getElementById('content')
  },
}

shell-search = Find a payment
shell-menu = Menu
shell-tasks = { $n ->
    [0] No tasks
    [one] { $n } task
   *[other] { $n } tasks
}
shell-to-live = Go to live
shell-to-test = Go to test
shell-leave = Sign out
forms-both-title = Someone else saved in the meantime
forms-both-text = Here are both versions. What you typed is still in the form: save it to replace the other version, or take that one over field by field.
forms-both-field = Field
forms-both-saved = Saved meanwhile
forms-both-typed = What you typed
forms-both-nothing = (empty)

list-views = Views
list-search-go = Search
list-more-filters = More filters
list-apply = Filter
list-any = All
list-active = Active filters
list-remove = Remove
list-ignored = Unknown filter, ignored: { $names }
list-show-all = Show all
list-pages = Pages
list-page-first = First page
list-page-next = Next page
list-rows = Rows per page
list-further = Look further back
list-looked-back = Looked back to { $when }.
list-totals = Totals of the whole filter
list-totals-ask = Compute totals
list-format = File format
list-export = Export
list-format-xlsx = Excel (XLSX)
list-format-csv-point-virgule = CSV ; (French)
list-format-csv-sep = CSV ; with a sep= line
list-format-csv-virgule = CSV , (international)
list-format-jsonl = JSON lines
list-settings = Columns, views and keys
list-columns = Columns
list-columns-hint = Give each column its place (1 is the first); leave empty to hide it.
list-dense = Tight rows
list-keys = Keyboard keys
list-keys-help = j and k walk through the rows, Enter opens, x ticks, e exports, / searches, ? shows this help.
list-settings-keep = Keep these settings
list-tick = Select
list-tick-all = Select all
list-bulk = With the selected rows:
list-view-name = Name of the view
list-view-save = Save this filter as a view
list-view-drop = Forget this view
list-reading-last4 = 4 digits: { $value }
list-reading-year = Year: { $value }
list-reading-amount = Amount: { $value }
list-reading-email = E-mail: { $value }
list-reading-id = Identifier
list-reading-day = Date: { $value }
list-reading-text = Reference or name: { $value }

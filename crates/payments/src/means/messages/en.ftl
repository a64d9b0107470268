means-title = Means of payment
means-lede = What each means of payment can do, as its connector declares it.
means-what = Capability
means-flows = Ways to pay
means-flow-redirect = the provider's page
means-flow-fields = the provider's fields
means-flow-card = card from our vault
means-flow-app = the payer's app
means-flow-moto = phone and mail
means-currencies = Currencies
means-currencies-all = all
means-minimum = Smallest amount
means-zero = Amount of nothing
means-zero-confirmed = confirmed without the provider
means-zero-refused = refused
means-zero-sent = sent
means-capture = Later capture
means-capture-now = no, only at once
means-capture-whole = whole, once
means-capture-part = in part, once
means-several = in several parts
means-capture-days = Latest capture
means-days = { $n ->
    [one] { $n } day
   *[other] { $n } days
}
means-void = Cancellation
means-void-rest = what was not captured
means-refund = Refund
means-refund-elsewhere = no: a refund made elsewhere is noted
means-tokens = Kept cards
means-tokens-ours = in our vault
means-tokens-page = on the provider's page
means-tokens-api = at the provider
means-instalments = Instalments
means-instalments-ours = by our scheduler
means-instalments-native = { $n ->
    [one] by the provider, { $n } part
   *[other] by the provider, up to { $n } parts
}
means-query = Asking for the result
means-query-ours = by our reference
means-query-theirs = by its number
means-none = no
means-check = Card check
means-check-zero = amount zero, nothing on the statement
means-check-small = small amount authorised, then released
means-change = Try a more limited account for { $shop }
means-back = Means of payment
means-account-title = Simulated account of { $shop }
means-account-lede = A real provider cannot always do everything. Choose here what the test account can do: the cash desk, the payer's page and the API follow at once.
means-minimum-units = Smallest amount (whole units)
means-minimum-hint = Below it, cards are not offered. For example 20 for €20.00.
means-minimum-fault = Enter a whole number from 1 to 10000.
means-choose = Choose an answer.
means-save = Save
audit-account-changed = Capabilities of the simulated account changed

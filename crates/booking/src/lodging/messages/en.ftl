lodging-menu = Catalogue
lodging-title = Catalogue
lodging-empty = Your lodgings will appear here.
lodging-units = { $n ->
    [one] { $n } unit
   *[other] { $n } units
}
lodging-from = From { $amount } a night
lodging-no-price = No price to come
lodging-policy = Pricing rule
lodging-policy-open-pro = Exact length, else the sum of nights, else another cover
lodging-policy-cheapest = Always the cheapest cover
lodging-save = Save the rule

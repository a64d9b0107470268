production-title = Go live
production-lede = Your test shop stays open and free: the same desk, the same pages, a simulated bank, keys of its own. Your live shop takes money from the moment these five points are done and you open it here.
production-done = Done
production-open = To do
production-busy = In progress…
production-contract = Acquirer contract
production-contract-done = A live connector is available for your contract.
production-contract-open = This version of Guichet has no connector to a real bank yet: no contract can be plugged in, and the live shop cannot be opened. This point stays open until a version brings one.
production-contract-link = See the means of payment
production-payment = Test payment
production-payment-done = The latest captured test payment is of { $date }.
production-payment-open = No test payment has been captured yet. Create one by the API with a test key, or book a stay on the site of your test shop, and pay with the number 4111 1111 1111 1111.
production-payment-link = See the payment
production-payment-how = See how, by the API
production-notification = Notification received
production-notification-done = Your program took a test notification on { $date }.
production-notification-open = None of your programs has taken a test notification yet. Add an address, then send a trial.
production-notification-link = See the notifications
production-page = Payment page checked
production-page-done = { $name } checked the payment page on { $date }.
production-page-open = Open the payment page of a test payment, on a computer and on a phone, in both languages: are the name, the logo, the phone and the address yours?
production-page-link = I have checked the payment page
production-factor = Second factor
production-factor-done = { $n ->
    [one] The person who signs in has shown a second factor.
   *[other] The { $n } people who sign in have shown their second factor.
}
production-factor-open = { $n ->
    [0] Nobody has shown a second factor yet.
    [one] { $n } person has not shown a second factor yet.
   *[other] { $n } people have not shown their second factor yet.
}
production-factor-link = See the people
production-waits = { $n ->
    [one] { $n } point is left: the live shop cannot be opened yet.
   *[other] { $n } points are left: the live shop cannot be opened yet.
}
production-no-live-shop = There are only test shops here: there is no live shop to open.
production-turn = Everything is done. Go to live (at the top of the page) to open the live shop.
production-refused = The live shop was not opened: not every point is done.
production-consequence = From the opening on, customers pay with real cards and are really debited.
production-go = Open the live shop
production-opened = The live shop has been open since { $date }.
settings-production = Go live
audit-production-page-checked = Payment page checked
audit-shop-opened = Live shop opened

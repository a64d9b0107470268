# One action of the cash desk on several payments.
payment-lot-validate = Validate
payment-lot-capture = Capture
payment-lot-refund = Refund the rest
payment-lot-cancel = Cancel
payment-lot-validate-title = Validate several payments
payment-lot-capture-title = Capture several payments
payment-lot-refund-title = Refund several payments
payment-lot-cancel-title = Cancel several payments
payment-lot-validate-what = The planned capture of each payment is allowed.
payment-lot-capture-what = Each customer is charged all that is still authorised.
payment-lot-refund-what = Each customer gets all that was not refunded yet. Your operator's fees are not given back.
payment-lot-cancel-what = What is not captured is released; a payment that nobody made yet is given up.
payment-lot-validate-do = { $n ->
    [one] Validate { $n } payment
   *[other] Validate { $n } payments
}
payment-lot-capture-do = { $n ->
    [one] Capture { $n } payment
   *[other] Capture { $n } payments
}
payment-lot-refund-do = { $n ->
    [one] Refund { $n } payment
   *[other] Refund { $n } payments
}
payment-lot-cancel-do = { $n ->
    [one] Cancel { $n } payment
   *[other] Cancel { $n } payments
}
payment-lot-why-changed = The payment changed since you saw it.
payment-lot-why-window-over = Too late to refund to the card.
payment-lot-why-capability-missing = The provider cannot do this.
payment-lot-why-not-found = There is no such payment.
payment-lot-why-bad-reason = The reason does not fit.
payment-lot-why-one-by-one = A refund made elsewhere is written down one by one.
payment-lot-why-no-kept-card = No card is kept.
payment-lot-why-under-way = A payment is under way already.
payment-lot-why-card-blocked = The customer's bank forbids another try of this card.
payment-lot-why-card-paused = This card was refused too often: try again later.
payment-lot-why-card-suspended = The card is blocked: unblock it or ask for another one.
payment-lot-why-card-expired = The card has expired: ask the guest for another one.
payment-lot-why-card-gone = The vault has the card no more: ask the guest for another one.
payment-lot-why-no-agreement = The customer did not agree to a charge without him.
payment-lot-why-not-charged = Payment not possible.
payment-lot-why-not-saved = Nothing was sent: the request could not be stored.
audit-payment-lot = Action on several payments

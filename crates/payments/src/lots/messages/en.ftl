# One action of the cash desk on several payments.
lot-validate = Validate
lot-capture = Capture
lot-refund = Refund the rest
lot-cancel = Cancel
lot-validate-title = Validate several payments
lot-capture-title = Capture several payments
lot-refund-title = Refund several payments
lot-cancel-title = Cancel several payments
lot-validate-what = The planned capture of each payment is allowed.
lot-capture-what = Each customer is charged all that is still authorised.
lot-refund-what = Each customer gets all that was not refunded yet. Your operator's fees are not given back.
lot-cancel-what = What is not captured is released; a payment that nobody made yet is given up.
lot-validate-do = { $n ->
    [one] Validate { $n } payment
   *[other] Validate { $n } payments
}
lot-capture-do = { $n ->
    [one] Capture { $n } payment
   *[other] Capture { $n } payments
}
lot-refund-do = { $n ->
    [one] Refund { $n } payment
   *[other] Refund { $n } payments
}
lot-cancel-do = { $n ->
    [one] Cancel { $n } payment
   *[other] Cancel { $n } payments
}
lot-back = Back to the list
lot-none = No row selected: tick payments in the list.
lot-count = Payments concerned
lot-total = Total
lot-left-out-count = Left out
lot-going = What will be done
lot-left-out-title = Left out
lot-again = Type the total again to confirm
lot-again-fault = Type the total shown to confirm.
lot-nothing = None of these payments allows this action.
lot-changed = A payment changed since this page was shown: read again, then confirm.
lot-run = Progress of the job
lot-sheet = Actions on several payments
lot-waiting = Waiting
lot-done = Done
lot-at-bank = At the bank
lot-unknown = Result unknown
lot-unknown-what = The bank did not answer; it is asked until it is known.
lot-left-out = Left out
lot-refused = Refused by the bank
lot-why-changed = The payment changed since you saw it.
lot-why-other-currency = Another currency than the first payment: make it a lot of its own.
lot-why-above-ceiling = Above your ceiling.
lot-why-window-over = Too late to refund to the card.
lot-why-capability-missing = The provider cannot do this.
lot-why-not-found = There is no such payment.
lot-why-bad-reason = The reason does not fit.
lot-why-one-by-one = A refund made elsewhere is written down one by one.
lot-why-not-saved = Nothing was sent: the request could not be stored.
lot-col-reference = Reference
lot-col-payer = Payer
lot-col-amount = Amount
lot-col-result = Result
lot-col-why = Reason
lot-col-id = Id
lot-col-currency = Currency
audit-payment-lot = Action on several payments

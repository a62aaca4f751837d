'use strict'
// What the programs of this folder share: what a merchant buys and sells, and how the test is told of it.

const steps = {}

function step (name, told) { steps[name] = told }

function finish () { process.stdout.write(JSON.stringify(steps)) }

function fail (error) {
  console.error(error)
  process.exit(1)
}

const TITLE = 'Журнал – 雑誌 “Žurnál” 📰'

const CARD = { account: '4111111111111111', expirationDate: '203812' }

const product = {
  merchantProductId: 'js-magazine',
  descriptions: [{ language: 'EN', description: TITLE }, { language: 'DE', description: 'Größen & <Maße>' }],
  status: 'Active',
  prices: { amount: '29.98', currency: 'USD' },
  nameValues: [{ name: 'shelf', value: '№ 7' }],
  merchantEntitlementIds: []
}

const billingPlan = {
  merchantBillingPlanId: 'js-monthly',
  description: 'Každý měsíc',
  periods: [{ type: 'Month', quantity: 1, cycles: 0, free: false }]
}

const account = {
  merchantAccountId: 'js-reader',
  name: 'Zoë Nuñez-Ørsted 李',
  emailAddress: 'zoe@example.org',
  emailTypePreference: 'html',
  warnBeforeAutobilling: false,
  company: null,
  preferredLanguage: '',
  shippingAddress: { city: 'Łódź', country: 'PL', latitude: 51.759445 },
  paymentMethods: [{ type: 'CreditCard', creditCard: CARD, merchantPaymentMethodId: 'js-card', active: true }],
  nameValues: [{ name: 'source', value: 'web' }, { name: 'segment', value: 'A&B' }]
}

function autobill (own, paymentMethod) {
  return {
    merchantAutoBillId: own,
    account: { merchantAccountId: 'js-reader' },
    billingPlan: { merchantBillingPlanId: 'js-monthly' },
    paymentMethod,
    currency: 'USD',
    items: [{ index: 0, product: { merchantProductId: 'js-magazine' } }]
  }
}

const byHand = { type: 'MerchantAcceptedPayment', merchantAcceptedPayment: { paymentType: 'Cheque' } }

const cheque = {
  type: 'MerchantAcceptedPayment',
  merchantPaymentMethodId: 'js-cheque',
  merchantAcceptedPayment: {
    amount: '14.99',
    currency: 'USD',
    timestamp: new Date().toISOString(),
    paymentType: 'Cheque',
    paymentId: '№ 1'
  }
}

module.exports = { step, finish, fail, TITLE, product, billingPlan, account, autobill, byHand, cheque }

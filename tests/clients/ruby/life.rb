# The life of a subscription with soap4r's dynamic driver, made of the documents of 22.0.
#
#   ruby life.rb BASE_URL LOGIN PASSWORD
$VERBOSE = nil
require 'json'
require 'soap/wsdlDriver'

# soap4r keeps xsi:type on every value it has read, which numbers and booleans no longer put up with.
class SOAP::Mapping::LiteralRegistry
  def add_attributes2obj(node, obj)
    return if obj.nil? || obj.frozen? || node.extraattr.empty?
    define_xmlattr(obj)
    node.extraattr.each do |qname, value|
      obj.__xmlattr[qname] = value
      define_xmlattr_accessor(obj, qname)
    end
  end
end

class CashBox
  def initialize(base, login, password)
    @base = base
    @auth = {'version' => '22.0', 'login' => login, 'password' => password}
    @drivers = {}
  end

  def driver(service)
    @drivers[service] ||= SOAP::WSDLDriverFactory.new("#{@base}/22.0/#{service}.wsdl").create_rpc_driver
  end

  def call(service, operation, arguments = {})
    driver(service).send(operation, {'auth' => @auth, 'srd' => ''}.merge(arguments))
  end
end

# One element is an object, several are an array, none is nil.
def list(value)
  value.is_a?(Array) ? value : [value].compact
end

def pairs(object)
  list(object.nameValues).map { |pair| [pair.name, pair.value] }
end

def part(object, name)
  object.respond_to?(name) ? object.send(name) : nil
end

base, login, password = ARGV
cashbox = CashBox.new(base, login, password)
seen = {'client' => "soap4r #{SOAP::VERSION} on Ruby #{RUBY_VERSION}"}

answer = cashbox.call('Product', 'update', 'product' => {
  'merchantProductId' => 'magazine',
  'descriptions' => [{'language' => 'DE', 'description' => 'Zeitschrift für Gärtner – 月刊'}],
  'endOfLifeTimestamp' => DateTime.new(2031, 12, 31, 23, 59, 59, '-08:00'),
  'nameValues' => [{'name' => 'shelf', 'value' => 'north'}],
  'prices' => [{'amount' => 10.0, 'currency' => 'USD'}],
})
product = answer.product
seen['product'] = {
  code: answer['return'].returnCode,
  created: answer.created,
  description: product.descriptions.description,
  end: product.endOfLifeTimestamp,
  price: product.prices.amount,
  names: pairs(product),
}

answer = cashbox.call('BillingPlan', 'update', 'billingPlan' => {
  'merchantBillingPlanId' => 'monthly',
  'description' => 'Monthly',
  'periods' => [{'type' => 'Month', 'quantity' => 1, 'cycles' => 0, 'free' => false, 'prices' => []}],
  'nameValues' => [{'name' => 'a', 'value' => '1'}, {'name' => 'b', 'value' => '<&>'}],
  'merchantEntitlementIds' => [],
})
period = answer.billingPlan.periods
seen['plan'] = {
  code: answer['return'].returnCode,
  period: [period.type, period.quantity, period.cycles, period.free],
  names: pairs(answer.billingPlan),
  entitlements: list(part(answer.billingPlan, :merchantEntitlementIds)),
}

answer = cashbox.call('Account', 'update', 'account' => {
  'merchantAccountId' => 'ada',
  'name' => 'Ádá Łovelace 東京 €',
  'emailAddress' => 'ada@example.org',
  'company' => nil,
  'warnBeforeAutobilling' => true,
  'nameValues' => [{'name' => 'tier', 'value' => 'gold'}],
  'paymentMethods' => [{
    'type' => 'CreditCard',
    'merchantPaymentMethodId' => 'card',
    'accountHolderName' => 'Ádá Łovelace',
    'active' => true,
    'creditCard' => {'account' => '4111111111111111', 'expirationDate' => '203812'},
    'billingAddress' => {'addr1' => '1 Straße', 'city' => 'Köln', 'postalCode' => '50667', 'country' => 'DE'},
    'nameValues' => [{'name' => 'CVN', 'value' => '123'}],
  }],
})
created = answer.created
account = answer.account
method = account.paymentMethods
seen['account'] = {
  code: answer['return'].returnCode,
  created: created,
  name: account.name,
  company: part(account, :company),
  warned: account.warnBeforeAutobilling,
  names: pairs(account),
  card: [method.type, method.creditCard.account, method.billingAddress.city, method.active],
}

subscribe = lambda do |id, paying|
  cashbox.call('AutoBill', 'update',
    'autobill' => {
      'merchantAutoBillId' => id,
      'account' => {'VID' => account.vID},
      'billingPlan' => {'merchantBillingPlanId' => 'monthly'},
      'paymentMethod' => paying,
      'currency' => 'USD',
      'items' => [{'index' => 0, 'product' => {'merchantProductId' => 'magazine'}}],
    },
    'immediateAuthFailurePolicy' => 'doNotSaveAutoBill',
    'validateForFuturePayment' => true,
    'minChargebackProbability' => 100,
    'ignoreCvnPolicy' => true,
    'campaignCode' => nil,
    'dryrun' => false)
end
card = {'VID' => method.vID}
answer = subscribe.call('by-card', card)
first = answer.initialTransaction
seen['by card'] = {
  code: answer['return'].returnCode,
  status: [answer.autobill.status, answer.autobill.billingState, answer.authStatus.status],
  items: list(answer.autobill.items).size,
  next: answer.autobill.nextBilling.amount,
  amount: first.amount,
  cycle: first.autoBillCycle,
  log: first.statusLog.map(&:status),
  names: first.nameValues.size,
}

subscribe.call('by-invoice', {
  'type' => 'MerchantAcceptedPayment',
  'merchantPaymentMethodId' => 'invoice',
  'merchantAcceptedPayment' => {'paymentType' => 'Cheque'},
})
autobill = {'merchantAutoBillId' => 'by-invoice'}
numbers = lambda do |state|
  list(part(cashbox.call('AutoBill', 'fetchInvoiceNumbers', 'autobill' => autobill, 'invoicestate' => state), :invoicenum))
end
seen['invoices'] = [numbers.call('Due'), numbers.call('Written Off')]

pay = lambda do |paying, amount|
  paid = cashbox.call('AutoBill', 'makePayment',
    'autobill' => autobill,
    'paymentMethod' => paying,
    'amount' => amount,
    'currency' => 'USD',
    'invoiceId' => nil,
    'overageDisposition' => 'applytoOldestInvoice',
    'usePaymentMethodForFutureBilling' => false,
    'note' => 'bezahlt – schön')
  transaction = paid.transaction
  [paid['return'].returnCode, paid.summary, transaction.amount, transaction.note, transaction.statusLog.first.status]
end
seen['paid'] = [pay.call(card, '4.00'), pay.call({
  'type' => 'MerchantAcceptedPayment',
  'merchantPaymentMethodId' => 'cheque-7',
  'merchantAcceptedPayment' => {
    'paymentType' => 'Cheque', 'paymentId' => '7', 'timestamp' => DateTime.parse(Time.now.to_s), 'note' => 'Scheck',
  },
}, 6.0)]
seen['left'] = numbers.call('Due')

fetch = lambda do |service, whose|
  cashbox.call(service, 'fetchByAccount',
    'account' => {'merchantAccountId' => whose}, 'includeChildren' => false, 'page' => 0, 'pageSize' => 10)
end
seen['autobills'] = fetch.call('AutoBill', 'ada').autobills.map(&:merchantAutoBillId)
seen['transactions'] = fetch.call('Transaction', 'ada').transactions.map { |each| each.amount }

# What was fetched is changed and sent back whole; objects with amounts cannot be (soap4r changes frozen strings).
again = cashbox.call('Account', 'fetchByMerchantAccountId', 'merchantAccountId' => 'ada').account
again.name = 'Ada Ö'
renamed = cashbox.call('Account', 'update', 'account' => again)
bought = {'merchantAutoBillId' => 'by-card', 'customerAutoBillName' => 'Größe'}
changed = cashbox.call('AutoBill', 'update', 'autobill' => bought, 'minChargebackProbability' => 100)
seen['sent back'] = [
  renamed['return'].returnCode, renamed.created, renamed.account.name, pairs(renamed.account),
  changed['return'].returnCode, changed.autobill.customerAutoBillName, list(changed.autobill.items).size,
]

stranger = CashBox.new(base, login, 'wrong')
refused = stranger.call('Account', 'fetchByMerchantAccountId', 'merchantAccountId' => 'ada')
unknown = cashbox.call('Account', 'fetchByMerchantAccountId', 'merchantAccountId' => 'nobody')
seen['refused'] = [refused, unknown].map do |each|
  [each['return'].returnCode, each['return'].returnString, each.respond_to?(:account)]
end

odd = SOAP::RPC::Driver.new("#{base}/soap.pl", 'http://soap.vindicia.com/v22_0/Account')
odd.add_method('noSuchOperation')
begin
  odd.noSuchOperation
rescue SOAP::FaultError => fault
  seen['fault'] = [fault.class.name, fault.faultcode.data.to_s, fault.faultstring.data]
end

seen['kinds'] = {
  created: created.class,
  amount: first.amount.class,
  cycle: first.autoBillCycle.class,
  timestamp: first.timestamp.class,
  nameValues: first.nameValues.class,
  'one nameValue': account.nameValues.class,
}
puts JSON.generate(seen)

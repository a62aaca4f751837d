// Calls every operation of every proxy twice: with nothing but the log-in, and with objects in which all is specified and
// nothing is set, as programs send that copy whole records of their own into those of the service.
//
//     Sweep.exe http://127.0.0.1:8080 LOGIN PASSWORD
using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Web.Services.Protocols;
using CashBox;

static class Sweep
{
    const int Deep = 2;

    static Authentication auth;

    static int Main(string[] arguments)
    {
        auth = new Authentication { version = "22.0", login = arguments[1], password = arguments[2] };
        var proxies = typeof(AccountBinding).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(SoapHttpClientProtocol))).ToList();
        foreach (bool filled in new[] { false, true })
        {
            Telling.Begin(filled ? "filled" : "bare");
            foreach (Type type in proxies)
            {
                var proxy = (SoapHttpClientProtocol)Activator.CreateInstance(type);
                proxy.Url = arguments[0] + "/soap.pl";
                foreach (MethodInfo operation in type.GetMethods().Where(method => method.ReturnType == typeof(Return)))
                {
                    Telling.Step(type.Name.Replace("Binding", ".") + operation.Name, Answer(proxy, operation, filled));
                }
            }
        }
        Telling.Finish();
        return 0;
    }

    static object Answer(SoapHttpClientProtocol proxy, MethodInfo operation, bool filled)
    {
        object[] values = operation.GetParameters().Select(parameter => Value(parameter, filled)).ToArray();
        try
        {
            var answer = (Return)operation.Invoke(proxy, values);
            return new { answer.returnCode, answer.returnString };
        }
        catch (TargetInvocationException failure)
        {
            return new { returnCode = 0, returnString = failure.InnerException.ToString() };
        }
    }

    static object Value(ParameterInfo parameter, bool filled)
    {
        Type type = parameter.ParameterType.IsByRef ? parameter.ParameterType.GetElementType() : parameter.ParameterType;
        if (type == typeof(Authentication)) return auth;
        if (parameter.IsOut || !filled) return type.IsValueType ? Activator.CreateInstance(type) : null;
        return Filled(type, parameter.Name, Deep);
    }

    static object Filled(Type type, string name, int depth)
    {
        if (type == typeof(string)) return name == "srd" ? "" : "1";
        if (type == typeof(bool)) return name.EndsWith("Specified");
        if (type.IsValueType) return Activator.CreateInstance(type);
        if (type.IsArray) return Several(type.GetElementType(), name, depth);
        if (depth == 0) return null;
        object made = Activator.CreateInstance(type);
        foreach (PropertyInfo property in type.GetProperties())
        {
            property.SetValue(made, Filled(property.PropertyType, property.Name, depth - 1), null);
        }
        return made;
    }

    static Array Several(Type type, string name, int depth)
    {
        object one = Filled(type, name, depth);
        var array = Array.CreateInstance(type, one == null ? 0 : 1);
        if (one != null) array.SetValue(one, 0);
        return array;
    }
}

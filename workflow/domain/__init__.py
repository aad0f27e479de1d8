"""The pure rules of the process. Glossary: one English name in code, one Thai term at the counter.

Process   State: a participle, what is true now.      Step: an imperative, what someone does.
          Policy: an assertion, read after "only if". Event: the fact that a step was done.
          Evidence: what a person states when doing a step.  Refusal: why a step may not be done.
Subjects  request      หนังสือแสดงความต้องการจ้างแรงงานต่างด้าว   an employer's demand for n workers
          application  คำขอรับใบอนุญาตทำงาน (บต.29)            one worker's way to one order
          permit       ใบอนุญาตทำงาน                           what was issued, its periods and employments
          worker       แรงงานต่างด้าว (คนงาน)                    one person, however many passes and spellings
People    employer นายจ้าง/สถานประกอบการ · officer เจ้าหน้าที่ · registrar นายทะเบียน · cashier เจ้าหน้าที่การเงิน
          hospital โรงพยาบาล · checkpoint ด่านตรวจคนเข้าเมือง · auditor ผู้ตรวจสอบ · administrator ผู้ดูแลระบบ
Papers    demand letter หนังสือแสดงความต้องการจ้าง · name list บัญชีรายชื่อ · border pass บัตรผ่านแดน
          medical referral หนังสือส่งตัวตรวจสุขภาพ · entry record บันทึกการเข้าเมือง · fee receipt ใบเสร็จรับเงิน
          permit record บันทึกข้อมูลใบอนุญาตทำงาน (not the official card)
Rules     ruleset      ชุดหลักเกณฑ์ที่ใช้บังคับ: the law as dated data with its sources
"""
